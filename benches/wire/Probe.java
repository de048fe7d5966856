import java.sql.*;
import java.util.*;

/** What tools in Java do over pgjdbc. Arguments: url, user, password, rows. */
public class Probe {
    static void check(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }

    static Set<String> column(ResultSet rows, String name) throws SQLException {
        Set<String> found = new TreeSet<>();
        while (rows.next()) found.add(rows.getString(name));
        return found;
    }

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[3]);
        Properties properties = new Properties();
        properties.put("user", arguments[1]);
        properties.put("password", arguments[2]);
        try (Connection connection = DriverManager.getConnection(arguments[0], properties)) {
            DatabaseMetaData about = connection.getMetaData();
            Set<String> tables = column(about.getTables(null, "public", "%", new String[] {"TABLE", "VIEW"}), "TABLE_NAME");
            check(tables.containsAll(List.of("usage", "projects", "charges")), "tables: " + tables);
            Set<String> columns = column(about.getColumns(null, "public", "usage", "%"), "COLUMN_NAME");
            check(columns.containsAll(List.of("at", "quantity", "meter")), "columns: " + columns);
            check(column(about.getSchemas(), "TABLE_SCHEM").contains("public"), "schemas");
            about.getPrimaryKeys(null, "public", "usage").next();
            about.getImportedKeys(null, "public", "usage").next();
            about.getIndexInfo(null, "public", "usage", false, false).next();
            about.getTypeInfo().next();
            about.getCatalogs().next();
            about.getTableTypes().next();
            about.getColumnPrivileges(null, "public", "usage", "%").next();
            about.getTablePrivileges(null, "public", "usage").next();

            // Past the fifth run a statement has a name and its columns are binary.
            try (PreparedStatement asked = connection.prepareStatement("SELECT count(*), min(at), max(quantity) FROM usage WHERE meter = ? AND quantity > ? AND at > ?")) {
                long first = -1;
                for (int run = 0; run < 8; run++) {
                    asked.setString(1, "mails");
                    asked.setLong(2, 10);
                    asked.setTimestamp(3, Timestamp.valueOf("2020-01-01 00:00:00"));
                    try (ResultSet rows = asked.executeQuery()) {
                        check(rows.next() && rows.getTimestamp(2) != null, "a row");
                        if (first < 0) first = rows.getLong(1);
                        check(rows.getLong(1) == first && first > 1000, "run " + run + ": " + rows.getLong(1));
                    }
                }
            }
            // In parts, in a transaction: a million rows in little memory.
            connection.setAutoCommit(false);
            try (Statement asked = connection.createStatement()) {
                asked.setFetchSize(1000);
                long seen = 0;
                try (ResultSet rows = asked.executeQuery("SELECT value FROM generate_series(1, 1000000)")) {
                    while (rows.next()) seen++;
                }
                check(seen == 1_000_000, "fetched " + seen);
                try (ResultSet rows = asked.executeQuery("SELECT number FROM usage WHERE source LIKE 'crm-%'")) {
                    seen = 0;
                    while (rows.next()) seen++;
                }
                check(seen == count, "rows " + seen);
            }
            connection.commit();
            connection.setAutoCommit(true);
            try (Statement asked = connection.createStatement()) {
                asked.setQueryTimeout(1);
                asked.executeQuery("SELECT count(*) FROM generate_series(1, 1000000000000)");
                check(false, "not stopped");
            } catch (SQLException stopped) {
                check("57014".equals(stopped.getSQLState()), stopped.toString());
            }
            try (Statement asked = connection.createStatement()) {
                asked.executeUpdate("DELETE FROM usage");
                check(false, "deleted");
            } catch (SQLException refused) {
                check("25006".equals(refused.getSQLState()), refused.toString());
            }
            System.out.println(about.getDriverVersion());
        }
    }
}
