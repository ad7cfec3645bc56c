/** What the phone keeps: the days last read, and reports that wait for a network. */

const NAME = 'roundsman-day';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('kept');
      request.result.createObjectStore('queue', { keyPath: 'place', autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no storage'));
  });
}

let database: Promise<IDBDatabase> | undefined;

async function run<T>(store: 'kept' | 'queue', mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  database ??= open();
  const db = await database;
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(store, mode);
    const request = work(transaction.objectStore(store));
    // Done means written, so that a report survives a phone that goes out just now.
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? request.error ?? new Error('not stored'));
  });
}

export const read = <T>(key: string): Promise<T | undefined> => run('kept', 'readonly', (store) => store.get(key) as IDBRequest<T | undefined>);
export const keep = (key: string, value: unknown): Promise<unknown> => run('kept', 'readwrite', (store) => store.put(value, key));

/** What somebody did, to be sent in the order it was done. */
export interface Waiting {
  /** Its place in the queue. */
  place?: number;
  /** Whose report: another login of the same phone neither sees nor sends it. */
  member_id: string;
  /** Makes a repeated sending harmless. */
  key: string;
  kind: 'progress' | 'give-up' | 'notes';
  visit_id: string;
  /** What it is about, for people. */
  title: string;
  body: Record<string, unknown>;
  /** When it was done, in milliseconds. */
  at: number;
  /** Why the server refused it; it is shown until it is dismissed. */
  refused?: string;
}

export const queued = (): Promise<Waiting[]> => run('queue', 'readonly', (store) => store.getAll() as IDBRequest<Waiting[]>);
export const enqueue = (one: Waiting): Promise<IDBValidKey> => run('queue', 'readwrite', (store) => store.add(one));
export const replace = (one: Waiting): Promise<IDBValidKey> => run('queue', 'readwrite', (store) => store.put(one));
export const forget = (place: number): Promise<undefined> => run('queue', 'readwrite', (store) => store.delete(place));

/** Forgets everything, when one logs out. */
export async function forgetAll(): Promise<void> {
  await run('kept', 'readwrite', (store) => store.clear());
  await run('queue', 'readwrite', (store) => store.clear());
}
