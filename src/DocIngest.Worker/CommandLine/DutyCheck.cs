using DocIngest.Archive;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;
using DocIngest.Worker.Archives;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary>Asks for the role that a command takes, before it does anything.</summary>
/// <remarks>
/// It keeps people to what they are there for, and records who tried something else. It is no wall: whoever may read the files of the data folder can read them
/// without this program.
/// </remarks>
internal static class DutyCheck
{
    private const int MostNamed = 8;

    /// <summary>Lets an account pass that has a role for it, or that is the service's or root.</summary>
    /// <param name="dataPath">The data folder, absolute.</param>
    /// <param name="archive">Where its archive is; asked only where a role is.</param>
    /// <param name="command">As it is typed, without options.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CommandException">It has none; exit 2, and the attempt is in the audit.</exception>
    /// <exception cref="DamagedObjectException">The register of people cannot be read: nobody can tell who may.</exception>
    public static async Task DemandAsync(string dataPath, Func<ArchiveOptions> archive, string command, CancellationToken cancellation)
    {
        // Without a data folder nobody is registered; one that this account cannot see it cannot read either, as the command will say.
        if (Duty.Of(command) is not { } duty || !Directory.Exists(dataPath) || Workspace.ReadsKeys(dataPath) == true || Actor.IsRootOfThisMachine)
        {
            return;
        }

        var options = archive();
        if (ConfiguredArchive.LocationOf(options) is null && !Directory.Exists(Path.Combine(dataPath, DataFolder.Archive)))
        {
            return;
        }

        using var volumes = new LocalVolumes();
        var data = volumes.Open(dataPath);
        using var configured = new ConfiguredArchive(data, options);
        if (configured.TryOpen() is not { } opened)
        {
            return;
        }

        var people = ReadPeople(opened, data, dataPath);
        var actor = Actor.OfThisProcess(Environment.MachineName);
        if (people.Having(actor.Address, duty.OnceThereIsA).Count == 0 || Has(people.Of(actor.Address, []), duty) || Has(people.Of(actor.Address, AccountGroups.OfThisProcess()), duty))
        {
            return;
        }

        await AuditedActs.RecordAsync(
            dataPath, volumes,
            origin => origin.Event(AuditType.Person, "refused", AuditAction.Execute, new AuditEntity(AuditEntity.Command, command)) with { Outcome = AuditOutcome.Failure }, cancellation);
        throw new CommandException(ExitCode.Usage, $"The account {actor.Name} may not run '{command}': {WhoMay(people.Having(actor.Address, duty.Roles), duty)} Nothing was done.");
    }

    private static bool Has(IReadOnlyList<Person> entries, Duty duty) => entries.Any(entry => duty.Roles.Any(entry.Has));

    private static PeopleDocument ReadPeople(IArchive archive, IDurableFolder data, string dataPath)
    {
        var locks = new OsLocks(Path.Combine(dataPath, DataFolder.Locks), TimeProvider.System);
        var actor = Actor.OfThisProcess(Environment.MachineName);
        return new PeopleRegister(new SystemObjectStore(archive, data, locks, actor, TimeProvider.System), actor, TimeProvider.System).Read();
    }

    private static string WhoMay(IReadOnlyList<Person> may, Duty duty)
    {
        if (duty.Roles.Count == 0)
        {
            return "that is for the account of the service.";
        }

        string names = string.Join(", ", may.Take(MostNamed).Select(person => $"{person.Id} {TerminalText.OneLine(person.Name)}"));
        return $"that takes one of the roles {string.Join(", ", duty.Roles)}. "
            + (may.Count == 0 ? "Nobody has one: an admin registers people, with 'person add'." : $"Who has one: {names}{(may.Count > MostNamed ? " and others" : "")}.");
    }
}
