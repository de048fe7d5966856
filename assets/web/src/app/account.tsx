// The menu of who is signed in. Its parts are many, so they come when it is first asked for; it is open then.
import { useNavigate } from '@tanstack/react-router';
import { t } from '../i18n';
import { More } from '../kit/menu';
import { signOut } from './sign-out';

export function Account({ name, help }: { name: string; help: () => void }) {
    const navigate = useNavigate();
    return (
        <More
            open label={t('account')}
            button={{ icon: 'gear', wide: true, children: <span className="cut grow row">{name}</span> }}
            entries={[
                { id: 'settings', name: t('nav_settings'), icon: 'gear', run: () => void navigate({ to: '/settings' }) },
                { id: 'keys', name: t('shortcuts'), icon: 'list', keys: '?', run: help },
                { id: 'style', name: t('style'), icon: 'palette', run: () => void navigate({ to: '/style' }) },
                { id: 'out', name: t('sign_out'), icon: 'out', run: () => void signOut().then(() => navigate({ to: '/sign-in' })) },
            ]}
        />
    );
}
