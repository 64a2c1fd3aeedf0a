namespace DocIngest.Pipeline.Audit.Rollback;

/// <summary>Backups know of entries of the audit that this machine does not have: nothing is deleted until a person has accepted that. Nothing changed; a retry does not help.</summary>
public sealed class RolledBackException : Exception
{
    /// <summary>With no more to say.</summary>
    public RolledBackException()
    {
    }

    /// <summary>With what was found, for an operator.</summary>
    public RolledBackException(string message)
        : base(message)
    {
    }

    /// <summary>With what was found, and its cause.</summary>
    public RolledBackException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
