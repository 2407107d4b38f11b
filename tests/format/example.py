"""All of the syntax, before and after formatting."""

UNTIDY = '''# top
"""doc"""

use std.A,   # why
   std.B, std . C
import "x.cnn"
# about a

"""a"""

# c
network a(c=1 , d = [1, 2,]) : 3 x H = 224 x 4*c->c { # tr
  # inside

  l{c+1} : conv(c,-3 x 3, p = 3   x 3, k x 3, in . width,
     2) -> # cc
     relu :: 3x4  # x
  # own


  if c==1 { a } # q
  else if not(2) { { b }*2 }
  else { dense 2 as i { from a . 0 }
  }
  concat { |  # e
    | x
    y

    z
    # last
  }
  concat { | # empty
      # about b
      | b
      # end
      }
  add (k = true) { | { a } | | if c { x } }
  let z = 1 + # one
     # two
     f( # three
      a, b # four
      # five
      , c) * (1
      # six
      )
  let s = [
     1,2,
     3, 4,
  ]
  let b = not false and"s"==k or  x<2
  let if_ = if z == 3 {1} else {   [ 2 ] [0] }
  concat { for i in [ 1 ] as k { | x{i} : a } }
  init weight( conv2,linear)=normal(0.01)
  expect params ( a.0.b{ 1 } )  within 1 % of 4_0 "s"
  expect shape==3x4
  expect receptive_field==3 x 4
  output  x when  training : from a.b{c}->conv(x) :: 3 x 4
} # end
block B(){a}
block C : c x 2->d { for i in x {a}->b }
# d
block D { }
network x(a) =   # eq
  B( a, # first
   b)
network y=B
'''

TIDY = '''# top
"""doc"""

use std.A,  # why
    std.B, std.C
import "x.cnn"
# about a

"""a"""
# c
network a(c = 1, d = [1, 2]) : 3 x H=224 x 4 * c -> c {  # tr
    # inside

    l{c + 1}: conv(c, -3 x 3, p=3x3, k x 3, in.width, 2)  # cc
      -> relu  :: 3 x 4                                   # x
    # own

    if c == 1 { a }  # q
    else if not (2) { { b } * 2 }
    else {
        dense 2 as i { from a.0 }
    }
    concat {
        |  # e
        | x
          y

          z
        # last
    }
    concat {
        |  # empty
        # about b
        | b
        # end
    }
    add(k=true) { | { a } | | if c { x } }
    let z = 1 +  # one
        # two
        f(         # three
            a, b,  # four
            # five
            c
        ) * (1
            # six
            )
    let s = [
        1, 2,
        3, 4,
    ]
    let b = not false and "s" == k or x < 2
    let if_ = if z == 3 { 1 } else { [2][0] }
    concat { for i in [1] as k { | x{i}: a } }
    init weight(conv2, linear) = normal(0.01)
    expect params(a.0.b{1}) within 1% of 4_0 "s"
    expect shape == 3 x 4
    expect receptive_field == 3x4
    output x when training: from a.b{c} -> conv(x)  :: 3 x 4
}  # end

block B { a }
block C : c x 2 -> d { for i in x { a } -> b }
# d
block D {}

network x(a) =  # eq
    B(
        a,  # first
        b
    )

network y = B
'''
