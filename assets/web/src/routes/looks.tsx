// How the page looks: its language, light or dark, how strong and how dense.
import { useSyncExternalStore } from 'react';
import { appearance, zones, type Theme } from '../app/appearance';
import { SingleKeys } from '../app/shortcuts';
import { LANGUAGES, ownZone, t, type Language } from '../i18n';
import { Pick, Segments, Switch } from '../kit/choose';

const BROWSER = 'browser';

export function Appearance() {
    const look = useSyncExternalStore(appearance.subscribe, appearance.now);
    return (
        <div className="stack">
            <Pick label={t('language')} value={look.language} onChange={(code) => void appearance.speak(code as Language)} choices={LANGUAGES.map(({ code, name }) => ({ id: code, name }))} />
            <Pick
                label={t('time_zone')} value={look.zone ?? BROWSER} onChange={(zone) => appearance.change({ zone: zone === BROWSER ? undefined : zone })}
                choices={[{ id: BROWSER, name: t('zone_of_browser', { zone: ownZone() }) }, ...zones().map((id) => ({ id, name: id.replaceAll('_', ' ') }))]}
            />
            <div className="row wrap">
                <Segments label={t('theme')} value={look.theme} onChange={(theme) => appearance.change({ theme: theme as Theme })} choices={[{ id: 'system', name: t('theme_system') }, { id: 'light', name: t('theme_light') }, { id: 'dark', name: t('theme_dark') }]} />
                <Switch on={look.contrast === 'more'} onChange={(on) => appearance.change({ contrast: on ? 'more' : 'system' })}>{t('more_contrast')}</Switch>
                <Switch on={look.density === 'compact'} onChange={(on) => appearance.change({ density: on ? 'compact' : 'comfortable' })}>{t('compact')}</Switch>
            </div>
            <SingleKeys />
        </div>
    );
}
