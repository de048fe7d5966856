// A real appliance in a folder of its own, on a port of its own.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const free = () =>
    new Promise((resolve) => {
        const server = createServer().listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });

export async function appliance(program) {
    const data = mkdtempSync(join(tmpdir(), 'audiagram-e2e-'));
    const port = await free();
    mkdirSync(join(data, 'backups'));
    writeFileSync(join(data, 'audiagram.toml'), `[upkeep]\nbackups = ${JSON.stringify(join(data, 'backups'))}\n`);
    const child = spawn(program, ['serve', '--config', join(data, 'audiagram.toml'), '--data', join(data, 'store'), '--listen', `127.0.0.1:${port}`], { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    let told = '';
    const code = await new Promise((resolve, reject) => {
        const hear = (bytes) => {
            told += bytes;
            if (told.includes('serving https://')) resolve(/good for a day: (\S+)/.exec(told)?.[1]);
        };
        child.stdout.on('data', hear);
        child.stderr.on('data', hear);
        child.on('exit', () => reject(new Error(`the appliance did not start: ${told}`)));
    });
    const stop = async () => {
        child.kill('SIGTERM');
        await ended;
        rmSync(data, { recursive: true, force: true });
    };
    return { url: `https://localhost:${port}`, code, stop };
}
