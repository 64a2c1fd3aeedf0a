using System.Security.Cryptography;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Retention;

/// <summary>A data folder with records and events, on 2026-06-15.</summary>
internal sealed class EventWorld : IDisposable
{
    private static readonly byte[] Key = SHA256.HashData("a key"u8);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 15, 12, 0, 0, TimeSpan.Zero));

    private readonly RecordIdSource _ids;

    public EventWorld()
    {
        World = new IngestWorld(_time);
        _ids = new RecordIdSource(_time);
    }

    public IngestWorld World { get; }

    public RetentionSchedule Schedule { get; set; } = ScheduleOf("lastEncounter+8y");

    /// <summary>The key by which the next process names objects.</summary>
    public byte[] NamingKey { get; set; } = Key;

    public List<(int Line, string Why)> Refused { get; } = [];

    /// <summary>A schedule with one class, <c>letter</c>.</summary>
    public static RetentionSchedule ScheduleOf(string expression, int posthumousDays = 0) => RetentionSchedule.Build(
        new RetentionOptions
        {
            TimeZone = "Europe/London",
            PosthumousDays = posthumousDays,
            Events = [new EventKindOptions { Kind = "treatment" }],
            Classes =
            [
                new RetentionClassOptions { Id = "letter", Title = "Letters", Mandate = "a decision of the board", Action = RetentionAction.Destroy, Expression = expression },
                new RetentionClassOptions { Id = "deed", Title = "Deeds", Mandate = "a decision of the board", Action = RetentionAction.Permanent },
            ],
        },
        null, out var faults) ?? throw new InvalidOperationException(faults[0].Message);

    public void GoTo(DateTimeOffset now) => _time.AdjustTime(now);

    /// <summary>Imports lines, in a process of its own.</summary>
    public async Task<ImportSums> ImportAsync(string csv, FaultPlan? plan = null)
    {
        Refused.Clear();
        ImportSums? sums = null;
        await World.RunWithEnvironmentAsync(
            async (environment, _) =>
            {
                var import = new EventImport(StoreOf(environment), new EventRules(Schedule, Schedule.DateOf(_time.GetUtcNow())), environment.Logger);
                sums = await import.ImportAsync(new StringReader(csv), (line, why) => Refused.Add((line, why)), TestContext.Current.CancellationToken);
            },
            plan);
        return sums ?? throw new InvalidOperationException("It was imported.");
    }

    /// <summary>Records one line, in a process of its own.</summary>
    public async Task<EventOutcome> AddAsync(EventLine line)
    {
        EventOutcome? outcome = null;
        await World.RunWithEnvironmentAsync(async (environment, _) =>
            outcome = (await StoreOf(environment).RecordAsync([line], EventSource.Command, TestContext.Current.CancellationToken)).Single());
        return outcome ?? throw new InvalidOperationException("It was recorded.");
    }

    /// <summary>Puts a record of a patient into the catalog.</summary>
    public async Task<RecordId> FileAsync(string recordClass = "letter", params (string Name, string Value)[] fields)
    {
        using var database = World.OpenDatabase();
        var id = _ids.Draw();
        var record = new RecordDocument
        {
            Id = id, ScanId = id, Profile = "p", ReceivedAt = _time.GetUtcNow(), FileName = "a.pdf", MediaType = "application/pdf", SizeBytes = 1,
            Sha512 = new string('0', 128), TextStatus = TextStatus.Complete, Pages = PageAccount.Unknown, RecordClass = recordClass,
            Fields = new SortedDictionary<string, string>(fields.ToDictionary(field => field.Name, field => field.Value)),
        };
        var version = new RecordVersion(1, _time.GetUtcNow(), "filed", "u", null, new DocIngest.Archive.Sha512Digest(record.Sha512));
        await database.WriteAsync(
            (_, transaction) =>
            {
                new SqliteCatalog(database).Put(transaction, new CatalogEntry(record, DocumentText.Empty, [version]));
                return true;
            },
            TestContext.Current.CancellationToken);
        return id;
    }

    /// <summary>The plan, in a process of its own.</summary>
    public async Task<IReadOnlyList<PlannedRecord>> PlanAsync(string? recordClass = null)
    {
        IReadOnlyList<PlannedRecord> planned = [];
        await World.RunWithEnvironmentAsync((environment, _) =>
        {
            using var reader = new RetentionReader(environment.Database);
            planned = [.. new RetentionPlanner(Schedule, reader, environment.SystemObjects, _time).Plan(recordClass)];
            return Task.CompletedTask;
        });
        return planned;
    }

    /// <summary>Files one record of patient 4711, imports events and plans.</summary>
    public static async Task<PlannedRecord> PlanOneAsync(RetentionSchedule schedule, params string[] lines)
    {
        using var world = new EventWorld { Schedule = schedule };
        await world.FileAsync("letter", ("patientId", "4711"), ("encounterId", "E1"));
        await world.ImportAsync("patientId,encounterId,kind,date\n" + string.Join('\n', lines));
        Assert.Empty(world.Refused);
        return Assert.Single(await world.PlanAsync());
    }

    /// <summary>Rebuilds the events in the catalog from the archive.</summary>
    public async Task<IReadOnlyList<string>> RebuildEventsAsync()
    {
        var damages = new List<string>();
        await World.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var cancellation = TestContext.Current.CancellationToken;
            var events = new EventRebuild(environment.Database, environment.SystemObjects, damage => damages.Add(damage.Code));
            await events.BeginAsync(cancellation);
            await new CatalogFromArchive(environment.Database, environment.Archive, _time)
                .RebuildAsync(damage => damages.Add(damage.Code), null, found => events.AddAsync(found, cancellation), cancellation);
            await events.EndAsync(cancellation);
        });
        return damages;
    }

    /// <summary>The catalog's dates of events as text.</summary>
    public string Dates()
    {
        using var database = World.OpenDatabase();
        using var connection = database.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT group_concat(line, char(10)) FROM (
                SELECT s.kind || ' ' || s.number || ' v' || s.version || ' ' || s.is_writing || s.is_stale || ' ' || coalesce(d.kind || ' ' || d.first || '-' || d.last || ' ' || d.first_entry || d.last_entry, '') AS line
                FROM event_subject s LEFT JOIN event_dates d ON d.subject = s.id ORDER BY s.kind, s.number, s.object, d.kind)
            """;
        return command.ExecuteScalar() as string ?? "";
    }

    public void Execute(string sql)
    {
        using var database = World.OpenDatabase();
        using var connection = database.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public EventStore StoreOf(IngestEnvironment environment) => new(
        environment.SystemObjects, environment.Database, environment.Locks, new EventNaming(NamingKey), environment.Actor, environment.Time, environment.Logger);

    public void Dispose() => World.Dispose();
}
