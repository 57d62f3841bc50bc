#+ title: "Unset all current releases except this one"
BASE <https://w3id.org/tutela/>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
DELETE { GRAPH <graph/current> { ?dataset dcat:hasCurrentVersion ?release } }
WHERE { GRAPH <graph/current> { ?dataset dcat:hasCurrentVersion ?release FILTER(?release != <graph/0>) } }
