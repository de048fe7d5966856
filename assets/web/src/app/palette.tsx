// Everything by a few letters: what can be done here and anywhere, where one has been, pages, and what was said in recordings.
import { useDeferredValue, useMemo, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { Autocomplete, useFilter } from 'react-aria-components/Autocomplete';
import { Dialog } from 'react-aria-components/Dialog';
import { Header } from 'react-aria-components/Header';
import { Input } from 'react-aria-components/Input';
import { Menu, MenuItem, MenuSection } from 'react-aria-components/Menu';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { SearchField } from 'react-aria-components/SearchField';
import { client, data, type Schemas } from '../api/client';
import { t } from '../i18n';
import { Icon, type IconName } from '../kit/icon';
import { tell } from '../kit/toast';
import { anyKept } from '../editor/kept';
import { appearance } from './appearance';
import { commandsHere, wish } from './commands';
import { keysOf, ofLetters } from './keys';
import { hitGoal } from './places';
import { useSession, type Session } from './queries';
import { recentOf } from './recent';
import type { Region } from './shell';
import { signOut } from './sign-out';

type Props = { open: boolean; onOpen: (open: boolean) => void; regions: Region[]; help: () => void };

export function Palette({ open, onOpen, ...props }: Props) {
    return (
        <ModalOverlay className="scrim top" isDismissable isOpen={open} onOpenChange={onOpen}>
            <Modal className="modal large">
                <Dialog className="dialog palette" aria-label={t('find')}>
                    <Finder close={() => onOpen(false)} {...props} />
                </Dialog>
            </Modal>
        </ModalOverlay>
    );
}

type Item = { id: string; name: string; icon?: IconName; keys?: string; hint?: string; run: () => void };
type Part = { id: string; title: string; items: Item[] };
// Stays whatever letters it was found by.
const ALWAYS = '\u200b';

function Finder({ close, regions, help }: { close: () => void; regions: Region[]; help: () => void }) {
    const navigate = useNavigate();
    const path = useLocation({ select: (at) => at.pathname });
    const session = useSession();
    const [text, setText] = useState('');
    const asked = useDeferredValue(text.trim());
    const { contains } = useFilter({ sensitivity: 'base' });
    const searches = !!session?.can('project:read');
    const found = useQuery({
        queryKey: ['find', asked],
        queryFn: () => data(client.GET('/v1/search', { params: { query: { q: asked, limit: 8 } } })),
        enabled: asked.length > 1 && searches,
    });
    const go = (to: string) => void navigate({ to });
    const goTo = (hit: Schemas['Hit']) => {
        const goal = hitGoal(hit);
        if (goal.at === 'project') void navigate({ to: '/projects/$project', params: { project: goal.id } });
        else if (goal.at === 'storyboard') void navigate({ to: '/storyboards/$storyboard', params: { storyboard: goal.id } });
        else void navigate({ to: '/recordings/$recording', params: { recording: goal.id }, search: { find: goal.find } });
    };
    // As it was when this opened: what lies under it does not change meanwhile.
    const here = useMemo(() => commandsHere().flatMap(({ run, ...one }): Item[] => (run ? [{ ...one, id: `here ${one.id}`, run }] : [])), []);
    const elsewhere = acts(session, go, () => void leave().then((left) => (left ? navigate({ to: '/sign-in' }) : undefined)), help).filter(({ id }) => !here.some((one) => one.id === `here ${id}`));
    const goals = regions.flatMap(({ goals }) => goals);
    const hits = (asked.length > 1 && found.data?.items) || [];
    const parts: Part[] = [
        { id: 'here', title: t('on_this_page'), items: here },
        { id: 'recent', title: t('recent_places'), items: recentOf(session?.id ?? '').filter((one) => one.path !== path).map(({ path, name, within }) => ({ id: path, name, hint: within, icon: 'next', run: () => go(path) })) },
        { id: 'acts', title: t('actions'), items: elsewhere },
        { id: 'places', title: t('go_to'), items: [
            ...goals.map(({ to, name, icon, keys }) => ({ id: `go ${to}`, name, icon, keys, run: () => go(to) })),
            ...(searches ? [{ id: 'go /search', name: t('search_everything'), icon: 'search' as const, run: () => go('/search') }] : []),
            { id: 'go /settings', name: t('nav_settings'), icon: 'gear', run: () => go('/settings') },
        ] },
        { id: 'found', title: t('found'), items: [
            ...hits.map((hit): Item => ({ id: hit.id, name: hit.title, icon: hit.kind === 'project' ? 'folder' : 'wave', hint: hit.snippet.map(({ text }) => text).join(''), run: () => goTo(hit) })),
            ...(asked.length > 1 && searches ? [{ id: 'results', name: t('all_results', { text: asked }), icon: 'search' as const, run: () => void navigate({ to: '/search', search: { q: asked } }) }] : []),
        ] },
    ];
    const spelled = appearance.now().singleKeys;
    return (
        <Autocomplete inputValue={text} onInputChange={setText} filter={(name, letters) => name.startsWith(ALWAYS) || contains(name, letters)}>
            <SearchField aria-label={t('find')} autoFocus className="field">
                <Input className="input" placeholder={t('find_hint')} />
            </SearchField>
            {/* By arrows it follows what is chosen; by itself it is reached, too. */}
            <div className="palette-list" tabIndex={0} role="group" aria-label={t('find')}>
                <Menu className="menu" aria-label={t('find')} renderEmptyState={() => <p className="soft palette-none">{t('nothing_found')}</p>}>
                    {parts.filter(({ items }) => items.length > 0).map(({ id: part, title, items }) => (
                        <MenuSection key={part} id={part} className="palette-part">
                            <Header className="palette-title">{title}</Header>
                            {items.map(({ id, name, icon, keys, hint, run }) => (
                                <MenuItem key={id} id={id} textValue={part === 'found' ? ALWAYS + name : name} className="item" onAction={() => (close(), run())}>
                                    {icon && <Icon name={icon} />} <span className="cut">{name}</span>
                                    {hint && <span className="end cut">{hint}</span>}
                                    {keys && (spelled || !ofLetters(keys)) && <span className="end"><kbd>{keysOf(keys)}</kbd></span>}
                                </MenuItem>
                            ))}
                        </MenuSection>
                    ))}
                </Menu>
            </div>
        </Autocomplete>
    );
}

/** Whoever has edits here that wait for the appliance is told, and signs out by the account's menu, which asks. */
async function leave(): Promise<boolean> {
    const kept = await anyKept().catch(() => false);
    if (kept) tell(t('sign_out_unsent'));
    else await signOut();
    return !kept;
}

/** What can be done from anywhere. A page that does one of these itself says so by the same id. */
function acts(session: Session | undefined, go: (to: string) => void, out: () => void, help: () => void): Item[] {
    const may = (what: string) => session?.can(what) ?? false;
    const there = (id: string, to: string) => () => (wish(id), go(to));
    const { theme, density } = appearance.now();
    const light = theme === 'light' || (theme === 'system' && document.documentElement.dataset.theme === 'light');
    return [
        ...(may('project:create') ? [{ id: 'project', name: t('new_project'), icon: 'plus' as const, run: there('project', '/') }] : []),
        ...(may('asset:upload') ? [
            { id: 'upload', name: t('choose_files'), icon: 'upload' as const, run: there('upload', '/') },
            { id: 'record', name: t('record'), icon: 'mic' as const, run: there('record', '/') },
        ] : []),
        ...(may('member:invite') ? [{ id: 'invite', name: t('invite'), icon: 'users' as const, run: there('invite', '/admin/members') }] : []),
        light ? { id: 'dark', name: `${t('theme')}: ${t('theme_dark')}`, icon: 'palette', run: () => appearance.change({ theme: 'dark' }) } : { id: 'light', name: `${t('theme')}: ${t('theme_light')}`, icon: 'palette', run: () => appearance.change({ theme: 'light' }) },
        density === 'compact' ? { id: 'comfortable', name: t('comfortable'), icon: 'list', run: () => appearance.change({ density: 'comfortable' }) } : { id: 'compact', name: t('compact'), icon: 'list', run: () => appearance.change({ density: 'compact' }) },
        { id: 'keys', name: t('shortcuts'), icon: 'list', keys: '?', run: help },
        { id: 'out', name: t('sign_out'), icon: 'out', run: out },
    ];
}
