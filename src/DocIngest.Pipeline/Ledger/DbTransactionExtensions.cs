using System.Data.Common;

namespace DocIngest.Pipeline.Ledger;

/// <summary>The tables speak plain SQL over ADO.NET, so that the same classes serve SQLite and, later, PostgreSQL.</summary>
internal static class DbTransactionExtensions
{
    /// <summary>The transaction's connection.</summary>
    /// <exception cref="InvalidOperationException">The transaction was committed or rolled back.</exception>
    public static DbConnection OpenConnection(this DbTransaction transaction) =>
        transaction.Connection ?? throw new InvalidOperationException("The transaction has ended.");
}
