/** `Acme Ltd.` is `acme-ltd` in addresses. */
export function slugOf(name: string): string {
    return name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40) || 'workspace';
}
