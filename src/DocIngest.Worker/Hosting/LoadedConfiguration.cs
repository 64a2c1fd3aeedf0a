using System.Security.Cryptography;
using System.Text.Json;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Hosting;

/// <summary>What the service works by, for the audit: digests of the configuration, the rules and the retention schedule.</summary>
internal static class LoadedConfiguration
{
    private const string Load = "load";

    /// <summary>The entry of a start.</summary>
    /// <param name="origin">Who records.</param>
    /// <param name="configPath">The configuration; built-in defaults where there is no such file, and then the entry has no digest. The same goes for rules and schedule.</param>
    /// <param name="options">Names rules and schedule.</param>
    public static AuditEvent EventOf(AuditOrigin origin, string configPath, DocIngestOptions options) => origin.Event(
        AuditType.Config, Load, AuditAction.Execute,
        [
            .. Entity(AuditEntity.Rules, RulesFile.PathOf(configPath, options)),
            .. Entity(AuditEntity.Retention, RetentionFile.PathOf(configPath, options)),
        ]) with
    {
        Digest = DigestOf(configPath),
    };

    /// <summary>Records that a start works by something else than the one before it did.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="audit">Has recorded <paramref name="now"/> already.</param>
    /// <param name="now">The entry of this start.</param>
    /// <param name="cancellation">Ends the look.</param>
    /// <exception cref="StorageException">The audit cannot be read or written.</exception>
    public static async Task NoteChangeAsync(IDurableFolder data, AuditTrail audit, AuditEvent now, CancellationToken cancellation)
    {
        if (AuditLog.Last(data, entry => IsLoad(entry.Json) && entry.Json.GetProperty("correlation").GetString() != now.Correlation) is { } before && !AreSame(before.Json, now))
        {
            await audit.AppendAsync([now with { Subtype = "changed", Action = AuditAction.Update }], cancellation);
        }
    }

    private static bool IsLoad(JsonElement entry) => entry.GetProperty("type").ValueEquals(AuditType.Config) && entry.GetProperty("subtype").ValueEquals(Load);

    private static bool AreSame(JsonElement before, AuditEvent now) =>
        (before.TryGetProperty("digest", out var digest) ? digest.GetString() : null) == now.Digest
        && (before.TryGetProperty("entities", out var entities) ? entities.EnumerateArray().ToArray() : [])
            .Select(one => (one.GetProperty("kind").GetString(), one.GetProperty("id").GetString()))
            .SequenceEqual(now.Entities.Select(one => ((string?)one.Kind, (string?)one.Id)));

    private static IEnumerable<AuditEntity> Entity(string kind, string path) => DigestOf(path) is { } digest ? [new AuditEntity(kind, digest)] : [];

    private static string? DigestOf(string path) => File.Exists(path) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) : null;
}
