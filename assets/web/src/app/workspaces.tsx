// The workspaces in which this browser is signed in: from one to another, into one more, and out of all.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button } from 'react-aria-components/Button';
import { client, data, type Schemas } from '../api/client';
import { t } from '../i18n';
import { Icon } from '../kit/icon';
import { More, type Entry } from '../kit/menu';
import { tellError } from '../kit/toast';
import { useSession } from './queries';
import { signOut } from './sign-out';

type Own = Schemas['OwnWorkspace'];
const heldQuery = { queryKey: ['workspaces'], staleTime: 0, queryFn: async () => (await data(client.GET('/v1/me/workspaces'))).items };
const nameOf = ({ name }: Own) => name || t('appliance');

/** Everything that the page knows is of the workspace that it leaves: it begins anew. */
async function open({ tenant }: Own): Promise<void> {
    try {
        await client.POST('/v1/me/workspaces/{tenant}/open', { params: { path: { tenant } } });
        location.assign('/');
    } catch (error) {
        tellError(error);
    }
}

async function leaveAll(held: Own[]): Promise<void> {
    for (const { tenant, current } of held) if (!current) await client.DELETE('/v1/me/workspaces/{tenant}', { params: { path: { tenant } } }).catch(() => {});
    await signOut();
}

/** The menu beside the name of the workspace; it is open when it first appears. */
export function Workspaces() {
    const navigate = useNavigate();
    const current = useSession()?.tenant;
    const held = useQuery(heldQuery).data;
    // What is open already stays open while the rest is read.
    const alike = new Set((held ?? []).map(nameOf)).size < (held?.length ?? 0);
    const entries: Entry[] = [
        ...(held ?? []).map((one): Entry => ({
            id: one.tenant, name: alike ? `${nameOf(one)} (${one.slug})` : nameOf(one), icon: one.slug === 'appliance' ? 'gear' : 'building', on: one.tenant === current, run: () => void (one.tenant !== current && open(one)),
        })),
        { id: 'add', name: t('another_workspace'), icon: 'plus', run: () => void navigate({ to: '/sign-in', search: { tenant: '' } }) },
        ...(held && held.length > 1 ? [{ id: 'out', name: t('sign_out_all'), icon: 'out' as const, run: () => void leaveAll(held).then(() => navigate({ to: '/sign-in' })) }] : []),
    ];
    return <More open label={t('switch_workspace')} button={{ icon: 'switch', 'aria-label': t('switch_workspace') }} entries={entries} />;
}

/** Where one can go on without signing in, for the page on which one does. */
export function GoOn() {
    const held = useQuery(heldQuery).data ?? [];
    if (!held.length) return null;
    return (
        <section className="stack tight go-on" aria-labelledby="go-on">
            <h2 id="go-on">{t('go_on_in')}</h2>
            {held.map((one) => (
                <Button key={one.tenant} className="button wide" onPress={() => void open(one)}>
                    <Icon name={one.slug === 'appliance' ? 'gear' : 'building'} />
                    <span className="grow cut row">{nameOf(one)}</span>
                    <span className="small soft cut">{one.email}</span>
                </Button>
            ))}
        </section>
    );
}
