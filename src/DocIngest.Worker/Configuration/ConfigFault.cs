namespace DocIngest.Worker.Configuration;

/// <summary>One thing wrong with the configuration.</summary>
/// <param name="Path">Where, as <c>intake.profiles[0].settleTime</c>; empty for the file as a whole.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record ConfigFault(string Path, string Message)
{
    /// <summary>Whether the value could not even be read: its default stands in its place, and what else is said of it may be wrong.</summary>
    internal bool IsUnread { get; init; }
}

/// <summary>The configuration cannot be used. All faults are listed at once; nothing was started.</summary>
public sealed class ConfigException(string file, IReadOnlyList<ConfigFault> faults)
    : Exception($"{file} has {faults.Count} fault(s).")
{
    /// <summary>The file.</summary>
    public string File { get; } = file;

    /// <summary>Every fault, in the order of the file.</summary>
    public IReadOnlyList<ConfigFault> Faults { get; } = faults;
}
