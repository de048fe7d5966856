// What permissions are called, one by one and by what they are about.
import { tOr } from '../i18n';

/** `project` of `project:read`. */
export const nounOf = (permission: string): string => permission.split(':')[0] ?? permission;
export const nounName = (noun: string): string => tOr(`area_${noun}`, noun);
/** What it lets one do. */
export const permissionName = (permission: string): string => tOr(`perm_${permission.replace(':', '_')}`, permission);
/** Together what is about the same, by its name. */
export function byNoun(permissions: string[]): { noun: string; name: string; these: string[] }[] {
    const nouns = [...new Set(permissions.map(nounOf))].map((noun) => ({ noun, name: nounName(noun), these: permissions.filter((one) => nounOf(one) === noun) }));
    return nouns.sort((one, other) => one.name.localeCompare(other.name));
}
