// Ask a question with Comunica: node ask.mjs QUERY SOURCE...; a source is an address, or TYPE@ADDRESS as Comunica writes it.
// Rows, a truth value or triples go to standard output, as JSON or N-Triples.
import { QueryEngine } from '@comunica/query-sparql';

const [query, ...sources] = process.argv.slice(2);
const engine = new QueryEngine();
const context = { sources: sources.map((source) => {
  const [type, value] = source.split('@');
  return value ? { type, value } : source;
}) };
const result = await engine.query(query, context);
const form = result.resultType === 'quads' ? 'application/n-triples' : 'application/sparql-results+json';
const { data } = await engine.resultToString(result, form, context);
data.pipe(process.stdout);
