/**
 * Asks a thread one question at a time, each with a time limit. The thread says 'ready' once, then answers every
 * message with one; a thread that takes too long or dies is replaced by a fresh one.
 */
import { Worker } from 'node:worker_threads';

/** `hung` and `crashed(error)` are the answers in place of one that does not come; `limit` in milliseconds. */
export function threadAt(url, { limit, hung, crashed, ...options }) {
  let worker;
  let answer = () => {};

  async function start() {
    worker = new Worker(url, options);
    worker.on('message', (result) => answer(result));
    worker.on('error', (error) => {
      worker = undefined;
      answer(crashed(error));
    });
    await new Promise((ready) => {
      answer = ready;
    });
  }

  return {
    async ask(question) {
      if (worker === undefined) await start();
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          worker?.terminate();
          worker = undefined;
          resolve(hung);
        }, limit);
        answer = (result) => {
          clearTimeout(timer);
          resolve(result);
        };
        worker.postMessage(question);
      });
    },
    end: () => worker?.terminate(),
  };
}
