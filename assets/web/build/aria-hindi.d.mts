import type { Plugin } from 'vite';

export function ariaHindi(): Plugin;
