using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DocIngest.Backup.Stores;

/// <summary>Reads the listings of a REST server: names and sizes, or names alone in the protocol's first version.</summary>
internal static partial class RestListing
{
    /// <summary>rclone gives no 404 for what was never written to, but for some of its own failures: an empty listing would be believed.</summary>
    internal static bool MayBeAFailure(HttpResponseMessage notFound) =>
        notFound.Headers.Server.Any(server => server.Product?.Name == "rclone");

    /// <returns>Names as the server gives them; the size is null in the first version.</returns>
    internal static async IAsyncEnumerable<(string Name, long? SizeBytes)> ReadAsync(
        RestConnection connection, HttpResponseMessage answer, [EnumeratorCancellation] CancellationToken cancellation)
    {
        bool hasSizes = answer.Content.Headers.ContentType?.MediaType == RestConnection.Version2;
        await using var body = await connection.ReadAsync(answer, cancellation);
        await using var entries = (hasSizes ? EntriesAsync(body, cancellation) : NamesAsync(body, cancellation)).GetAsyncEnumerator(cancellation);
        while (await NextAsync())
            yield return entries.Current;

        async Task<bool> NextAsync()
        {
            try
            {
                return await entries.MoveNextAsync();
            }
            catch (JsonException error)
            {
                throw connection.NotRestic("its listing cannot be read", error);
            }
        }
    }

    private static async IAsyncEnumerable<(string Name, long? SizeBytes)> EntriesAsync(
        Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var entry in JsonSerializer.DeserializeAsyncEnumerable(body, Json.Default.Entry, cancellation))
        {
            yield return entry is { SizeBytes: >= 0 } ? (entry.Name, entry.SizeBytes) : throw new JsonException("An entry of the listing is not one.");
        }
    }

    private static async IAsyncEnumerable<(string Name, long? SizeBytes)> NamesAsync(
        Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (string? name in JsonSerializer.DeserializeAsyncEnumerable(body, Json.Default.String, cancellation))
            yield return (name ?? throw new JsonException("A name of the listing is not one."), null);
    }

    internal sealed record Entry(
        [property: JsonPropertyName("name"), JsonRequired] string Name, [property: JsonPropertyName("size"), JsonRequired] long SizeBytes);

    [JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(Entry))]
    [JsonSerializable(typeof(string))]
    private sealed partial class Json : JsonSerializerContext;
}
