namespace DocIngest.Pipeline.Tests;

public sealed class ActorTests
{
    [Fact]
    public void A_user_without_a_name_is_named_by_its_number()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There every account has a name.");
        var actor = Actor.Named("", "host");
        Assert.Matches("^uid-[0-9]+$", actor.Name);
        Assert.Equal($"urn:docingest:account:host:{actor.Name}", actor.Address);
    }

    [Fact]
    public void An_account_is_a_URI() => Assert.Equal("urn:docingest:account:ward%203:Ann%20B", Actor.Named("Ann B", "ward 3").Address);
}
