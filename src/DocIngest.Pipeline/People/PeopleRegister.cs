using DocIngest.Archive;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.People;

/// <summary>Who has which role: a system object of the archive, <c>urn:docingest:people</c>. Several processes may use it at once.</summary>
/// <param name="objects">The archive's system objects.</param>
/// <param name="actor">Who asks (I9).</param>
/// <param name="time">The clock.</param>
public sealed class PeopleRegister(SystemObjectStore objects, Actor actor, TimeProvider time)
{
    private const string AddedMessage = "person added";
    private const string EndedMessage = "person ended";

    /// <summary>Its object.</summary>
    public static SystemObjectName Name { get; } = new("people");

    /// <summary>Everybody.</summary>
    /// <exception cref="DamagedObjectException">It cannot be read.</exception>
    public PeopleDocument Read() => objects.Find(Name) is { } found ? Read(found) : PeopleDocument.Nobody;

    /// <summary>Enters a person or a group. The first, when there is nobody, must be an admin; after that only admins may.</summary>
    /// <returns>The entry, or why not; then nothing changed.</returns>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public async Task<(Person? Added, string? Refusal)> AddAsync(NewPerson wanted, CancellationToken cancellation)
    {
        var (document, refusal) = await ChangeAsync(AddedMessage, book => book.Add(wanted), cancellation);
        return (document?.People[^1], refusal);
    }

    /// <summary>Ends the roles of a person or group, at once. What they signed stays good.</summary>
    /// <returns>Why not; null where it was done.</returns>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public async Task<string?> EndAsync(string id, string reason, CancellationToken cancellation) =>
        (await ChangeAsync(EndedMessage, book => book.End(id, reason), cancellation)).Refusal;

    private async Task<(PeopleDocument? Document, string? Refusal)> ChangeAsync(
        string message, Func<PeopleBook, (PeopleDocument? Document, string? Refusal)> change, CancellationToken cancellation)
    {
        (PeopleDocument? Document, string? Refusal) made = default;
        await objects.ChangeAsync(
            Name,
            found =>
            {
                made = change(new PeopleBook(found is null ? PeopleDocument.Nobody : Read(found), actor, time.GetUtcNow()));
                return made.Document is { } document ? SystemObjectChange.OfJson(message, PeopleDocument.FileName, document, PeopleJson.Instance.PeopleDocument) : null;
            },
            cancellation);
        return made;
    }

    private PeopleDocument Read(OcflObject found) =>
        objects.ReadJson(found, PeopleDocument.FileName, PeopleJson.Instance.PeopleDocument, PeopleDocument.MostBytes, read => read.Format == PeopleDocument.CurrentFormat);
}
