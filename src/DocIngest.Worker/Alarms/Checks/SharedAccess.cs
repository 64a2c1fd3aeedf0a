using System.Globalization;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Alarms.Checks;

/// <summary>When the signature runs out that opens stores in Azure: it says so itself.</summary>
internal static class SharedAccess
{
    /// <summary>The variable that has the signature.</summary>
    public const string Variable = "AZURE_ACCOUNT_SAS";

    /// <summary>What runs out, where archive or backups are in Azure by a signature with an end.</summary>
    /// <param name="options">Names archive and repository.</param>
    /// <param name="variable">The environment.</param>
    public static IEnumerable<Expiry> Of(DocIngestOptions options, Func<string, string?> variable)
    {
        string[] places = [.. new[] { options.Archive.Store, variable("DOCINGEST_BACKUP_REPOSITORY"), options.Backup.Repository }.OfType<string>()];
        return places.Any(place => place.StartsWith("azure:", StringComparison.Ordinal)) && variable(Variable) is { Length: > 0 } signature && EndOf(signature) is { } end
            ? [new Expiry(Variable, $"The signature ({Variable}) that opens archive or backups in Azure", end)]
            : [];
    }

    /// <summary>The field <c>se</c>, UTC; null for a signature that has none, since a stored policy has its end.</summary>
    public static DateTimeOffset? EndOf(string signature)
    {
        foreach (string field in signature.TrimStart('?').Split('&'))
        {
            if (field.StartsWith("se=", StringComparison.Ordinal)
                && DateTimeOffset.TryParse(Uri.UnescapeDataString(field[3..]), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var end))
            {
                return end;
            }
        }

        return null;
    }
}
