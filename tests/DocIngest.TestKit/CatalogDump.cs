using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;

namespace DocIngest.TestKit;

/// <summary>
/// The whole content of a catalog as text: every row of every table that a rebuild replaces, and every term of the full-text
/// index with its records, columns and places. A catalog and one rebuilt from the same archive give the same text.
/// </summary>
public static class CatalogDump
{
    private static readonly (string Table, string Order)[] Tables =
        [("catalog_records", "key"), ("catalog_versions", "key, number"), ("catalog_fields", "name, value, key"), ("catalog_figures", "key")];

    /// <summary>Dumps the catalog and checks the full-text index against its content.</summary>
    public static string Of(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        var dump = new StringBuilder();
        foreach (var (table, order) in Tables)
        {
            Append(dump, connection, transaction, table, $"SELECT * FROM {table} ORDER BY {order}");
        }

        Append(dump, connection, transaction, "texts", "SELECT rowid, body, fields, name, title, tags FROM catalog_fts ORDER BY rowid");
        Execute(connection, transaction, "CREATE VIRTUAL TABLE temp.dumped_terms USING fts5vocab(main, catalog_fts, instance)");
        Append(dump, connection, transaction, "terms", "SELECT term, doc, col, \"offset\" FROM temp.dumped_terms ORDER BY 1, 2, 3, 4");
        Execute(connection, transaction, "DROP TABLE temp.dumped_terms");
        Execute(connection, transaction, "INSERT INTO catalog_fts (catalog_fts) VALUES ('integrity-check')");   // throws on a difference
        return dump.ToString();
    }

    private static void Append(StringBuilder dump, SqliteConnection connection, SqliteTransaction transaction, string title, string sql)
    {
        dump.Append("== ").Append(title).Append('\n');
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            for (int column = 0; column < rows.FieldCount; column++)
            {
                dump.Append(column > 0 ? "|" : "").Append(Written(rows.GetValue(column)));
            }

            dump.Append('\n');
        }
    }

    private static string Written(object value) => value switch
    {
        DBNull => "null",
        byte[] bytes => Convert.ToHexStringLower(bytes),
        string text => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static void Execute(SqliteConnection connection, SqliteTransaction transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
