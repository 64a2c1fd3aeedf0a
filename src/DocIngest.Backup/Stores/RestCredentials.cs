namespace DocIngest.Backup.Stores;

/// <summary>What opens a REST server: HTTP's basic authentication.</summary>
/// <param name="UserName">Without a colon.</param>
/// <param name="Password">A secret; may be empty.</param>
public sealed record RestCredentials(string UserName, string Password)
{
    /// <summary>The user's name alone: what is printed or logged holds no secret.</summary>
    public override string ToString() => UserName;
}
