#+ title: "Unregister a deleted release"
BASE <https://w3id.org/tutela/>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
DELETE DATA { GRAPH <graph/versions> { <id/dataset/tutela> dcat:hasVersion <graph/0> } }
