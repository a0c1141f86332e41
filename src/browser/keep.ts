/** Bytes that a page keeps over a reload, in the browser's IndexedDB, by name. Knows nothing of what they are. */

const [database, store] = ['rnnc', 'kept'];

const ended = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('the browser keeps nothing')));
  });

async function within<T>(mode: IDBTransactionMode, act: (kept: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(database, 1);
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(store));
  const opened = await ended(opening);
  try {
    return await ended(act(opened.transaction(store, mode).objectStore(store)));
  } finally {
    opened.close();
  }
}

/** Undefined when nothing is kept under this name. */
export const keptBytes = (name: string): Promise<Uint8Array | undefined> =>
  within('readonly', (kept) => kept.get(name) as IDBRequest<Uint8Array | undefined>);

export async function keepBytes(name: string, bytes: Uint8Array): Promise<void> {
  await within('readwrite', (kept) => kept.put(bytes, name));
}

export async function forgetBytes(name: string): Promise<void> {
  await within('readwrite', (kept) => kept.delete(name));
}
