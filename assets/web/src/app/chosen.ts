// Which brand kit and which glossary is used where a project chooses nothing else.
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { t } from '../i18n';
import { act } from './act';
import { useSession } from './queries';

export function useChosen() {
    const session = useSession();
    const choices = useQuery({ queryKey: ['choices'], queryFn: () => data(client.GET('/v1/choices')) }).data;
    const choose = (body: Schemas['ChoicesChange']) =>
        act(['choices'], () => client.PATCH('/v1/choices', { params: { header: ifMatch(choices?.version ?? 0) }, body }), t('saved'));
    return { choices, choose, may: session?.can('template:manage') ?? false };
}
