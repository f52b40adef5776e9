// Sends a file with tus-js-client as its makers publish it; cmd/fleet kills the controller meanwhile.
//
//   node tus.mjs ENDPOINT TOKEN FILE
//
// It prints "at BYTES" whenever it goes on.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Upload } from 'tus-js-client';

const [, , endpoint, token, path] = process.argv;

new Upload(readFileSync(path), {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: basename(path) },
  retryDelays: Array.from({ length: 3000 }, () => 200),
  onAfterResponse: (request, response) => {
    if (request.getMethod() === 'HEAD' && response.getStatus() === 200) console.log(`at ${response.getHeader('Upload-Offset')}`);
  },
  onError: (error) => {
    console.error(String(error));
    process.exitCode = 1;
  },
}).start();
