#+ title: "Delete a graph, if it exists"
BASE <https://w3id.org/tutela/>
DROP SILENT GRAPH <graph/0>
