// What is asked of the appliance to know how far it is set up; pages that show one of these share it.
import { useQuery } from '@tanstack/react-query';
import { client, data, pages } from '../api/client';
import { doneOf, settingOf } from './first-run';
import { useSession } from './queries';
import { tenantsQuery } from './tenants';

export const configurationQuery = { queryKey: ['appliance', 'configuration'], queryFn: () => data(client.GET('/v1/appliance/configuration')) };
export const certificatesQuery = { queryKey: ['appliance', 'certificates'], queryFn: () => data(client.GET('/v1/appliance/certificates')) };
// It looks at the whole machine: that may take a while, and a second page does not ask again.
export const doctorQuery = { queryKey: ['appliance', 'doctor'], queryFn: () => data(client.GET('/v1/appliance/doctor')), retry: 3, retryDelay: 3_000 };
export const backupsQuery = { queryKey: ['backups'], queryFn: () => pages((after) => data(client.GET('/v1/backups', { params: { query: { limit: 200, after } } }))), retry: false };

export function useFirstRun(enabled = true) {
    const session = useSession();
    const may = (permission: string) => enabled && (session?.can(permission) ?? false);
    const reads = may('system:read');
    const configuration = useQuery({ ...configurationQuery, enabled: reads });
    const certificates = useQuery({ ...certificatesQuery, enabled: reads });
    const tenants = useQuery({ ...tenantsQuery, enabled: reads });
    const doctor = useQuery({ ...doctorQuery, enabled: reads });
    // Without a folder there are none, and to ask for them is refused.
    const folder = settingOf(configuration.data, 'upkeep.backups');
    const backups = useQuery({ ...backupsQuery, enabled: may('system:backup') && folder !== '' });
    const done = doneOf({ configuration: configuration.data, certificates: certificates.data, tenants: tenants.data, backups: backups.data, doctor: doctor.data });
    return { done, configuration, certificates, tenants, doctor, backups, folder, session };
}
export type FirstRun = ReturnType<typeof useFirstRun>;
