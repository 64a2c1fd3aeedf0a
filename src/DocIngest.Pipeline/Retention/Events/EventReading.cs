using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Retention;

/// <summary>Shows events as they were recorded. Needs no key of names, and writes nothing.</summary>
/// <param name="objects">The archive's system objects.</param>
/// <param name="database">The catalog, which knows whose objects they are.</param>
public sealed class EventReading(SystemObjectStore objects, SqliteDatabase database)
{
    /// <summary>All events of a patient or case, from the archive, by object; empty where there are none.</summary>
    /// <exception cref="DamagedObjectException">Their object is damaged.</exception>
    /// <exception cref="FixityException">Its content is.</exception>
    /// <exception cref="JsonException">It holds no events of this format.</exception>
    public IReadOnlyList<(string Object, EventsDocument Events)> Read(EventSubject subject)
    {
        using var connection = database.OpenReader();
        var reader = new EventObjects(objects);
        var found = new List<(string, EventsDocument)>();
        foreach (string name in EventTable.ObjectsOf(connection, subject.Word, subject.Number))
        {
            if (reader.Find(new SystemObjectName(name)) is { } read)
            {
                found.Add((name, read.Events));
            }
        }

        return found;
    }
}
