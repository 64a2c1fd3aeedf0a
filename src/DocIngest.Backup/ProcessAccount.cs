using DocIngest.Backup.Sources;

namespace DocIngest.Backup;

/// <summary>The account a process runs under, as snapshots and locks name it.</summary>
/// <param name="UserName">For people.</param>
/// <param name="UserId">As <c>id -u</c> says; 0 on Windows.</param>
/// <param name="GroupId">As <c>id -g</c> says; 0 on Windows.</param>
public sealed record ProcessAccount(string UserName, uint UserId, uint GroupId)
{
    /// <summary>That of this process.</summary>
    public static ProcessAccount OfThisProcess()
    {
        var (user, group) = LocalPlatform.OfThisMachine.Account;
        return new ProcessAccount(Environment.UserName, user, group);
    }
}
