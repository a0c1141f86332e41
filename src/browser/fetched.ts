/** Fetches a file of the emitted folder. Says which one is missing; knows nothing of what is in it. */
import { Fault } from '../support/fault.js';

export async function fetched(url: URL): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Fault('page/missing', `${url.href} cannot be fetched: ${response.status}`);
  return response;
}
