// The types of the client, from the committed description of the interface. Nothing about the API is typed by hand.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import openapi, { astToString } from 'openapi-typescript';

const here = new URL('../', import.meta.url);
const ast = await openapi(JSON.parse(await readFile(new URL('openapi.json', here), 'utf8')), {
    // What has a default may be left out of what is sent.
    defaultNonNullable: false,
});
await mkdir(new URL('src/generated/', here), { recursive: true });
await writeFile(new URL('src/generated/api.d.ts', here), astToString(ast));
