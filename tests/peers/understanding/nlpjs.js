// Trains NLP.js on the texts of a data.json and answers its test, one message after the other.
const { readFileSync } = require('node:fs');
const { NlpManager } = require('node-nlp');

const data = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const seconds = (since) => Number(process.hrtime.bigint() - since) / 1e9;

async function main() {
  const manager = new NlpManager({ languages: ['en'], forceNER: false, autoSave: false, nlu: { log: false } });
  for (const [text, label] of data.train) manager.addDocument('en', text, label);
  const training = process.hrtime.bigint();
  await manager.train();
  const trained = seconds(training);
  let right = 0;
  const answering = process.hrtime.bigint();
  for (const [text, label] of data.test) {
    const answer = await manager.process('en', text);
    if (answer.intent === label) right += 1;
  }
  const each = seconds(answering) * 1e3 / data.test.length;
  console.log(`${right} of ${data.test.length} texts right (${(100 * right / data.test.length).toFixed(2)} %)`);
  console.log(`trained in ${trained.toFixed(1)} s, one message: ${each.toFixed(2)} ms, ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
}

main();
