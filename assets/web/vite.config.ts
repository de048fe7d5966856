import { defineConfig, type Plugin } from 'vite';
import react from '@vitejs/plugin-react';
import { ariaHindi } from './build/aria-hindi.mjs';
import optimizeLocales from '@react-aria/optimize-locales-plugin';

// While developing, the page comes from vite and everything else from an appliance that runs here.
const appliance = process.env.AUDIAGRAM_URL ?? 'https://localhost:8443';

// What every page needs comes in two files, that of others and ours with its components: many small ones compress badly. Other components are
// left to where they are used, and so is what asks before one leaves a page, and what reads lists piece by piece.
const FRAME = { name: 'frame', test: /node_modules\/(react|react-dom|scheduler|use-sync-external-store|openapi-fetch|@tanstack\/(?!react-virtual|virtual-core|react-router\/dist\/esm\/useBlocker|react-query\/build\/modern\/useInfinite|query-core\/build\/modern\/infiniteQueryO)[^/]+)\// };
const SHELL = { name: 'shell', test: /\/src\/(api\/client|app\/(appearance|commands|keys|queries|recent|shell)|kit\/(bits|form|toast)|routes\/sign-in)\.tsx?$/ };

/** The policy of the page has no styles inline. The editor of statements makes its sheets by itself, in documents as elements with text in
 * them, in shadow trees as objects, which the policy lets be: here it makes objects everywhere. */
const sheetsAsObjects: Plugin = {
    name: 'sheets-as-objects',
    transform(code, id) {
        if (!/node_modules\/style-mod\//.test(id)) return null;
        const asked = '!root.head && root.adoptedStyleSheets';
        if (!code.includes(asked)) throw new Error('style-mod asks otherwise now where its sheets go: bring vite.config.ts up to date');
        return { code: code.replace(asked, 'root.adoptedStyleSheets'), map: null };
    },
};

export default defineConfig({
    plugins: [
        react(),
        sheetsAsObjects,
        // Of the components' own words only those of our languages; Hindi they do not bring.
        { ...optimizeLocales.vite({ locales: ['en-US', 'de-DE', 'ja-JP', 'zh-CN', 'ar-AE'] }), enforce: 'pre' },
        ariaHindi(),
    ],
    build: { target: 'es2023', modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: false, manifest: true, rolldownOptions: { output: { codeSplitting: { groups: [FRAME, SHELL] } } } },
    server: { proxy: { '/v1': { target: appliance, secure: false }, '/readyz': { target: appliance, secure: false } } },
    // A loaded machine is no failure. Files share what is loaded: a room for components is furnished once, not once a file.
    test: { include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/kit/tests/furnish.ts'], isolate: false, testTimeout: 120_000 },
} as Parameters<typeof defineConfig>[0]);
