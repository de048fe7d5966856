// The menu of who is signed in. Its parts are many, so they come when it is first asked for; it is open then.
import { useState } from 'react';
import { useNavigate } from '@tanstack/react-router';
import { anyKept } from '../editor/kept';
import { t } from '../i18n';
import { More } from '../kit/menu';
import { Confirm } from '../kit/overlay';
import { signOut } from './sign-out';

export function Account({ name, help }: { name: string; help: () => void }) {
    const navigate = useNavigate();
    const [asking, ask] = useState(false);
    const out = () => signOut().then(() => navigate({ to: '/sign-in' }));
    // Edits that wait for the appliance do not stay on a machine that others use.
    const leave = async () => ((await anyKept().catch(() => false)) ? ask(true) : out());
    return (
        <>
            <More
                open label={t('account')}
                button={{ icon: 'gear', wide: true, children: <span className="cut grow row">{name}</span> }}
                entries={[
                    { id: 'settings', name: t('nav_settings'), icon: 'gear', run: () => void navigate({ to: '/settings' }) },
                    { id: 'keys', name: t('shortcuts'), icon: 'list', keys: '?', run: help },
                    { id: 'style', name: t('style'), icon: 'palette', run: () => void navigate({ to: '/style' }) },
                    { id: 'out', name: t('sign_out'), icon: 'out', run: () => void leave() },
                ]}
            />
            <Confirm title={t('sign_out')} text={t('sign_out_unsent')} action={t('sign_out')} open={asking} onClose={() => ask(false)} onYes={out} />
        </>
    );
}
