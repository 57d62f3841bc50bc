#+ title: "Note that a release is being put here, so that what an interruption leaves can be found"
BASE <https://w3id.org/tutela/>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
INSERT DATA { GRAPH <graph/versions> { <id/dataset/tutela> dcat:hasVersion <graph/0> } }
