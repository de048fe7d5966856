// Everything by a few letters: places, recordings and what was said in them; and the sheet of keys.
import { useDeferredValue, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Autocomplete, useFilter } from 'react-aria-components/Autocomplete';
import { Dialog } from 'react-aria-components/Dialog';
import { Input } from 'react-aria-components/Input';
import { Menu, MenuItem } from 'react-aria-components/Menu';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { SearchField } from 'react-aria-components/SearchField';
import { client, data } from '../api/client';
import { t } from '../i18n';
import { Icon, type IconName } from '../kit/icon';
import { Window } from '../kit/overlay';
import { appearance } from './appearance';
import { hitPlace } from './places';
import { useSession } from './queries';
import type { Region } from './shell';

type Props = { open: boolean; onOpen: (open: boolean) => void; regions: Region[] };

export function Palette({ open, onOpen, regions }: Props) {
    return (
        <ModalOverlay className="scrim top" isDismissable isOpen={open} onOpenChange={onOpen}>
            <Modal className="modal large">
                <Dialog className="dialog palette" aria-label={t('find')}>
                    <Finder close={() => onOpen(false)} regions={regions} />
                </Dialog>
            </Modal>
        </ModalOverlay>
    );
}

function Finder({ close, regions }: { close: () => void; regions: Region[] }) {
    const navigate = useNavigate();
    const session = useSession();
    const [text, setText] = useState('');
    const asked = useDeferredValue(text.trim());
    const { contains } = useFilter({ sensitivity: 'base' });
    const found = useQuery({
        queryKey: ['find', asked],
        queryFn: () => data(client.GET('/v1/search', { params: { query: { q: asked, limit: 8 } } })),
        enabled: asked.length > 1 && !!session?.can('project:read'),
    });
    const places = regions.flatMap(({ goals }) => goals);
    const actions: { id: string; name: string; icon: IconName; run: () => void; keys?: string }[] = [
        ...places.map(({ to, name, icon, keys }) => ({ id: to, name, icon, keys, run: () => void navigate({ to }) })),
        { id: 'settings', name: t('nav_settings'), icon: 'gear', run: () => void navigate({ to: '/settings' }) },
        { id: 'light', name: t('theme_light'), icon: 'palette', run: () => appearance.change({ theme: 'light' }) },
        { id: 'dark', name: t('theme_dark'), icon: 'palette', run: () => appearance.change({ theme: 'dark' }) },
    ];
    return (
        // What the appliance has found stays, whatever letters it was found by.
        <Autocomplete inputValue={text} onInputChange={setText} filter={(name, letters) => name.startsWith('\u200b') || contains(name, letters)}>
            <SearchField aria-label={t('find')} autoFocus className="field">
                <Input className="input" placeholder={t('find_hint')} />
            </SearchField>
            <Menu className="menu palette-list" aria-label={t('find')} renderEmptyState={() => <p className="soft palette-none">{t('nothing_found')}</p>}>
                {[
                    ...actions.map(({ id, name, icon, keys, run }) => (
                        <MenuItem key={id} id={id} textValue={name} className="item" onAction={() => (close(), run())}>
                            <Icon name={icon} /> {name} {keys && <span className="end"><kbd>{keys}</kbd></span>}
                        </MenuItem>
                    )),
                    ...(found.data?.items ?? []).map((hit) => (
                        <MenuItem key={hit.id} id={hit.id} textValue={`\u200b${hit.title}`} className="item" onAction={() => (close(), void navigate({ to: hitPlace(hit) }))}>
                            <Icon name={hit.kind === 'project' ? 'folder' : 'wave'} />
                            <span className="cut">{hit.title}</span>
                            <span className="end cut">{hit.snippet.map(({ text }) => text).join('')}</span>
                        </MenuItem>
                    )),
                ]}
            </Menu>
        </Autocomplete>
    );
}

export function Shortcuts({ open, onOpen, regions }: Props) {
    const keys: [string, string][] = [
        ['⌘K', t('find')],
        ['?', t('shortcuts')],
        ...regions.flatMap(({ goals }) => goals).filter(({ keys }) => keys).map(({ keys, name }): [string, string] => [keys ?? '', name]),
        ['Space', t('key_play')],
        ['← →', t('key_seek')],
        ['⌘Z', t('undo')],
        ['⇧⌘Z', t('redo')],
        ['F2', t('rename')],
        ['Del', t('remove')],
        ['N', t('add_box')],
        ['P', t('pin')],
        ['L', t('listen')],
        ['C', t('comment')],
        ['K', t('change_kind')],
        ['⇧F10', t('more')],
    ];
    return (
        <Window title={t('shortcuts')} open={open} onOpen={onOpen}>
            <dl className="keys">
                {keys.map(([key, name]) => (
                    <div key={key} className="row apart">
                        <dt>{name}</dt>
                        <dd>{key.split(' ').map((part) => <kbd key={part}>{part}</kbd>)}</dd>
                    </div>
                ))}
            </dl>
        </Window>
    );
}
