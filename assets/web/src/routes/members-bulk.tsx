// What is done with several members at once.
import { client, data, ifMatch, type Schemas } from '../api/client';
import { actMany } from '../app/act-many';
import { useSession } from '../app/queries';
import { t } from '../i18n';
import { Action } from '../kit/bits';
import { useConfirm } from '../kit/confirm';

type Member = Schemas['Member'];

export function MembersBulk({ rows, clear }: { rows: Member[]; clear: () => void }) {
    const session = useSession();
    const [ask, dialog] = useConfirm();
    const params = ({ id, version }: Member) => ({ params: { path: { user: id }, header: ifMatch(version) } });
    const suspend = async (suspended: boolean) => {
        const set = (to: boolean) => (member: Member) => data(client.PATCH('/v1/members/{user}', { ...params(member), body: { suspended: to } }));
        const those = rows.filter(({ state }) => (state === 'suspended') !== suspended);
        await actMany(['members'], those, set(suspended), (n) => t(suspended ? 'members_suspended' : 'members_resumed', { n }), set(!suspended));
        clear();
    };
    const remove = () => ask({
        title: t('remove'), text: t('remove_members_text', { n: rows.length }), action: t('remove'),
        run: async () => (await actMany(['members'], rows, (member) => client.DELETE('/v1/members/{user}', params(member)), (n) => t('members_removed', { n })), clear()),
    });
    return (
        <>
            {rows.some(({ state }) => state !== 'suspended') && <Action onPress={() => void suspend(true)}>{t('suspend')}</Action>}
            {rows.some(({ state }) => state === 'suspended') && <Action onPress={() => void suspend(false)}>{t('resume')}</Action>}
            {session?.can('member:remove') && <Action look="danger" icon="trash" onPress={remove}>{t('remove')}</Action>}
            {dialog}
        </>
    );
}
