#+ title: "Take a graph away, if it is there"
BASE <https://w3id.org/tutela/>
DROP SILENT GRAPH <graph/0>
