// A real appliance in a folder of its own, on a port of its own. It can be killed and started again.
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
    for (const folder of ['backups', 'exports']) mkdirSync(join(data, folder));
    writeFileSync(join(data, 'audiagram.toml'), `[upkeep]\nbackups = ${JSON.stringify(join(data, 'backups'))}\n[exports]\nfolder = ${JSON.stringify(join(data, 'exports'))}\ns3_hosts = ["s3.example.org"]\nsftp_hosts = ["files.example.org"]\n`);
    let child;
    let ended;
    /** Starts it; what it said until it served. */
    const start = () => {
        child = spawn(program, ['serve', '--config', join(data, 'audiagram.toml'), '--data', join(data, 'store'), '--listen', `127.0.0.1:${port}`], { stdio: ['ignore', 'pipe', 'pipe'] });
        const one = child;
        ended = new Promise((resolve) => one.on('exit', resolve));
        return new Promise((resolve, reject) => {
            let told = '';
            const hear = (bytes) => {
                told += bytes;
                if (told.includes('serving https://')) resolve(told);
            };
            one.stdout.on('data', hear);
            one.stderr.on('data', hear);
            one.on('exit', () => reject(new Error(`the appliance did not start: ${told}`)));
        });
    };
    const end = async (signal) => {
        child.kill(signal);
        await ended;
    };
    const told = await start();
    const stop = async () => {
        await end('SIGTERM');
        rmSync(data, { recursive: true, force: true });
    };
    return { data, url: `https://localhost:${port}`, code: /good for a day: (\S+)/.exec(told)?.[1], start, kill: () => end('SIGKILL'), stop };
}
