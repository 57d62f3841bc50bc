#+ title: "Register a release before loading it, so that an interrupted load can be found and removed"
BASE <https://w3id.org/tutela/>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
INSERT DATA { GRAPH <graph/versions> { <id/dataset/tutela> dcat:hasVersion <graph/0> } }
