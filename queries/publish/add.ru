#+ title: "Add the statements of a graph to another graph"
BASE <https://w3id.org/tutela/>
ADD <graph/0> TO <graph/1>
