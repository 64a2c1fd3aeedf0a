namespace DocIngest.Pipeline.Audit;

/// <summary>What all events of one process have in common: who, where, in which run.</summary>
/// <param name="Agent">The account it runs under (I9).</param>
/// <param name="Source">The machine and program.</param>
/// <param name="Correlation">Names the run.</param>
public sealed record AuditOrigin(AuditAgent Agent, AuditSource Source, string Correlation)
{
    private const string Program = "docingest";

    /// <summary>Of this process.</summary>
    /// <param name="actor">Who it runs as.</param>
    /// <param name="isService">Whether it is the service, which acts of its own accord.</param>
    /// <param name="version">The program's version.</param>
    public static AuditOrigin Of(Actor actor, bool isService, string version) => new(
        AgentOf(actor.Name, actor.Address, isService), new AuditSource(Environment.MachineName, Program, version), Guid.NewGuid().ToString("N"));

    /// <summary>An event of this process.</summary>
    public AuditEvent Event(string type, string subtype, string action, params IReadOnlyList<AuditEntity> entities) => new()
    {
        Type = type, Subtype = subtype, Action = action, Agent = Agent, Source = Source, Entities = entities, Correlation = Correlation,
    };

    /// <summary>Who made a version, as the archive says it; this process where it was that, or where it is not said.</summary>
    internal AuditAgent AgentOf(string? name, string? address) =>
        name is null || address is null || address == Agent.Address ? Agent : new AuditAgent(name, address, AuditAgent.Person);

    private static AuditAgent AgentOf(string name, string address, bool isService) => new(name, address, isService ? AuditAgent.Service : AuditAgent.Person);
}
