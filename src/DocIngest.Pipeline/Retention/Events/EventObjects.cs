using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Retention;

/// <summary>Events as an object of the archive holds them.</summary>
/// <param name="Version">Version of the object.</param>
/// <param name="Events">Its events.</param>
internal sealed record ReadEvents(int Version, EventsDocument Events);

/// <summary>Reads events from the archive.</summary>
internal sealed class EventObjects(SystemObjectStore objects)
{
    /// <summary>Whether an object of the archive is one of events.</summary>
    public static bool IsOne(OcflObject found) => found.Id.StartsWith(SystemObjectName.IdPrefix + EventNaming.Prefix, StringComparison.Ordinal);

    /// <summary>The events of an object; null where there is no such object.</summary>
    /// <exception cref="DamagedObjectException">It is damaged.</exception>
    /// <exception cref="FixityException">Its content is.</exception>
    /// <exception cref="JsonException">It holds no events of this format.</exception>
    public ReadEvents? Find(SystemObjectName name) => objects.Find(name) is { } found ? new ReadEvents(found.Head.Value, Read(found)) : null;

    /// <summary>The events of an object that was read.</summary>
    /// <inheritdoc cref="Find" path="/exception" />
    public EventsDocument Read(OcflObject found)
    {
        using var stream = objects.Open(found, EventsDocument.FileName) ?? throw new JsonException("The object holds no events.");
        return EventsDocument.Read(stream);
    }
}
