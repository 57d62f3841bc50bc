#+ title: "Set the current release; until the previous one is unset there are two, both complete"
BASE <https://w3id.org/tutela/>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
INSERT DATA { GRAPH <graph/current> { <id/dataset/tutela> dcat:hasCurrentVersion <graph/0> } }
