#+ title: "Point readers at a release; until the pointer to the one before is taken away there are two, both whole"
BASE <https://w3id.org/tutela/>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
INSERT DATA { GRAPH <graph/current> { <id/dataset/tutela> dcat:hasCurrentVersion <graph/0> } }
