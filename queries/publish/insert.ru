#+ title: "Insert statements into a graph"
BASE <https://w3id.org/tutela/>
INSERT DATA { GRAPH <graph/0> { } }
